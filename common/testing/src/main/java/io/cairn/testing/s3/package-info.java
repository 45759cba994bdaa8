/**
 * An S3 server in this process that knows what s3proxy does not: versions, Object Lock, archives.
 */
@NullMarked
package io.cairn.testing.s3;

import org.jspecify.annotations.NullMarked;
