@NullMarked
package io.cairn.replication.region;

import org.jspecify.annotations.NullMarked;
