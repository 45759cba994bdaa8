@org.jspecify.annotations.NullMarked
package io.cairn.sync;
