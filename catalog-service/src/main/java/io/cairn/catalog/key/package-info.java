/** Which backups open no more, since their keys were removed on purpose. */
@NullMarked
package io.cairn.catalog.key;

import org.jspecify.annotations.NullMarked;
