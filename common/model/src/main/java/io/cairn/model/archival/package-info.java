/** How long-lived copies are kept: S3's storage classes, and how what is archived is had again. */
@NullMarked
package io.cairn.model.archival;

import org.jspecify.annotations.NullMarked;
