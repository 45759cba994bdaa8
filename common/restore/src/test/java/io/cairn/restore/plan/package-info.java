@NullMarked
package io.cairn.restore.plan;

import org.jspecify.annotations.NullMarked;
