package io.cairn.validator.daily;

import io.cairn.model.ClusterName;
import io.cairn.restore.drill.TargetChoice;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;

/**
 * The moment a cluster is drilled to on a day: somewhere between the end of its newest backup and
 * the time the drill was due, so that the whole chain is needed and over the days every part of the
 * way behind it. As long as everything up to the due time is stored, a drill that is done again has
 * the same moment, however much was stored meanwhile.
 *
 * @param dueAt when the drill was due
 */
public record DrillMoment(ClusterName cluster, Instant dueAt) implements TargetChoice {

    @Override
    public Instant between(Instant earliest, Instant latest) {
        Instant end = dueAt.isAfter(earliest) && dueAt.isBefore(latest) ? dueAt : latest;
        long micros = ChronoUnit.MICROS.between(earliest, end);
        long seed = 31 * dueAt.getEpochSecond() + cluster.value().hashCode();
        double back = new SplittableRandom(seed).nextDouble();
        return end.minus((long) (micros * back), ChronoUnit.MICROS);
    }
}
