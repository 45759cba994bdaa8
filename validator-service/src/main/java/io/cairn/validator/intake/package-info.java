/** Takes completed backups and validation due times, and has them proven. */
@NullMarked
package io.cairn.validator.intake;

import org.jspecify.annotations.NullMarked;
