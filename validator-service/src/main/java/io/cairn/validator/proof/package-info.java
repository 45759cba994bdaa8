/** What proves a backup: its stored bytes read back, then a real server restored from it. */
@NullMarked
package io.cairn.validator.proof;

import org.jspecify.annotations.NullMarked;
