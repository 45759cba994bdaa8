/** The object store over the S3 protocol: AWS, or any server that speaks it. */
@NullMarked
package io.cairn.storage.s3;

import org.jspecify.annotations.NullMarked;
