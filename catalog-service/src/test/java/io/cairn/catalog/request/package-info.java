@NullMarked
package io.cairn.catalog.request;

import org.jspecify.annotations.NullMarked;
