/**
 * Encryption: every stored object is one CMS AuthEnvelopedData (RFC 5083, RFC 5084) that {@code
 * openssl cms -decrypt} opens.
 */
@NullMarked
package io.cairn.archive.cms;

import org.jspecify.annotations.NullMarked;
