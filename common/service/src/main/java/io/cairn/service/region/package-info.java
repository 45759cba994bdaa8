/** Which stores are in service, as every process knows it, and whether they take what it writes. */
@NullMarked
package io.cairn.service.region;

import org.jspecify.annotations.NullMarked;
