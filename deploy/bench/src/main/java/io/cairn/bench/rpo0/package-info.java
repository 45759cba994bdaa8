/**
 * Whether any acknowledged commit is ever lost: real processes, killed at random moments, and a
 * restore from the bucket after each.
 */
@NullMarked
package io.cairn.bench.rpo0;

import org.jspecify.annotations.NullMarked;
