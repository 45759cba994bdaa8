@NullMarked
package io.cairn.catalog.sql;

import org.jspecify.annotations.NullMarked;
