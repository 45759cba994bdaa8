@NullMarked
package io.cairn.restore.identity.kms;

import org.jspecify.annotations.NullMarked;
