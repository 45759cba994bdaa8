package io.cairn.validator.proof;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.drill.Drill;
import io.cairn.restore.drill.DrillSettings;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.verify.Verifier;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;

/** A proof as a small validator has it. */
public final class TestProof {

    private TestProof() {}

    /**
     * @param scratch where drills restore to
     */
    public static Proof with(TestKeys keys, Path scratch) {
        return new Proof(
                new Verifier(
                        keys.recipient(),
                        new ReadSettings(2, 64 << 20, GzipCodec.zlib()),
                        InstantSource.system()),
                new Drill(
                        DrillSettings.in(scratch),
                        keys.recipient(),
                        InstantSource.system(),
                        new Random()),
                InstantSource.system(),
                new Random());
    }
}
