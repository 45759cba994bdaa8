/** Errors as RFC 9457 problem+json. */
@NullMarked
package io.cairn.service.rest;

import org.jspecify.annotations.NullMarked;
