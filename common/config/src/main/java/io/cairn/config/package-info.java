/**
 * The one configuration file of a deployment, {@code cairn.yaml}: clusters, stores, keys, tier
 * policies.
 */
@NullMarked
package io.cairn.config;

import org.jspecify.annotations.NullMarked;
