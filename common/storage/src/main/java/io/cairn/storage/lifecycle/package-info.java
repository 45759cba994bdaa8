/** Which objects of a bucket go to which storage class, and when: by S3's lifecycle rules. */
@NullMarked
package io.cairn.storage.lifecycle;

import org.jspecify.annotations.NullMarked;
