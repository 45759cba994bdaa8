@NullMarked
package io.cairn.catalog.run;

import org.jspecify.annotations.NullMarked;
