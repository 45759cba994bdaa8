package io.cairn.catalog.rebuild;

import java.time.Duration;

final class FixedRebuildSettings implements RebuildSettings {

    @Override
    public int parallel() {
        return 4;
    }

    @Override
    public Duration grace() {
        return Duration.ofMinutes(1);
    }

    @Override
    public Duration patience() {
        return Duration.ofMinutes(2);
    }
}
