package io.cairn.restore.engine;

import io.cairn.restore.contents.ArchiveMap;

/** Where the content of a backup's entries goes. */
interface FileTargets {

    TargetFile file(ArchiveMap archive, int number);
}
