package io.cairn.validator.daily;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Whose turn it is on a day: a function of names and the day, so that nothing has to be remembered,
 * any number of validators agree, and whoever does a day's work again does the same. Days are
 * UTC's.
 */
public final class Turns {

    private Turns() {}

    /**
     * The stores a cluster is drilled from: each is first on one day of as many as there are, and
     * not all clusters have the same one first.
     *
     * @param copies of the cluster's policy, at least one
     * @return all of them, in the order in which they are tried
     */
    public static List<StoreName> stores(
            List<StoreName> copies, ClusterName cluster, Instant dueAt) {
        long turn = date(dueAt).toEpochDay() + cluster.value().hashCode();
        List<StoreName> order = new ArrayList<>(copies);
        Collections.rotate(order, -Math.floorMod(turn, copies.size()));
        return List.copyOf(order);
    }

    /**
     * Whether a backup is read again on a day: every so many days after the one it was due on. When
     * it was taken it was read already.
     *
     * @param every of which whole days count, at least one
     */
    public static boolean rereads(BackupLabel label, Instant dueAt, Duration every) {
        long age = ChronoUnit.DAYS.between(date(label.due()), date(dueAt));
        return age > 0 && age % Math.max(1, every.toDays()) == 0;
    }

    private static LocalDate date(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC);
    }
}
