/** Which stores are in service, and requests to bring one back. */
@NullMarked
package io.cairn.catalog.region;

import org.jspecify.annotations.NullMarked;
