package io.cairn.archive;

import io.cairn.model.ObjectKey;

/** Names the volumes of an archive. */
@FunctionalInterface
interface VolumeNames {

    /**
     * @param number from 0
     */
    ObjectKey volume(String archive, int number);
}
