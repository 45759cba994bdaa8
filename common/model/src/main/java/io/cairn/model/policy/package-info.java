/** What a tier promises: schedule, retention, objectives, copies. */
@NullMarked
package io.cairn.model.policy;

import org.jspecify.annotations.NullMarked;
