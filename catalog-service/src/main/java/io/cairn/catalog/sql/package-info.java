/**
 * The catalog's database: PostgreSQL through Hibernate Reactive. Mutiny stays in here; the ports
 * block.
 */
@NullMarked
package io.cairn.catalog.sql;

import org.jspecify.annotations.NullMarked;
