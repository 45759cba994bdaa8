/**
 * What every measurement needs: servers, what a run costs, the machine it ran on. Each measurement
 * has a package of its own below.
 */
@NullMarked
package io.cairn.bench;

import org.jspecify.annotations.NullMarked;
