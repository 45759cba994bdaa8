@NullMarked
package io.cairn.storage.s3;

import org.jspecify.annotations.NullMarked;
