/** A private key in AWS KMS. */
@NullMarked
package io.cairn.restore.identity.kms;

import org.jspecify.annotations.NullMarked;
