package io.cairn.service.metrics;

/**
 * The names of what Cairn measures, as Prometheus shows them: {@code cairn_<what>_<unit>}, counters
 * end in {@code _total}. Micrometer gets the same name; it leaves the ending alone where it is
 * there already.
 *
 * <p>Labels are few and bounded: {@code cluster}, {@code tier}, {@code kind}, {@code store}, {@code
 * outcome}, {@code code} (an {@link io.cairn.model.error.ErrorCode}). Never a label, run id or
 * object key: they have no end.
 */
public final class MetricNames {

    // labels
    public static final String CLUSTER = "cluster";
    public static final String TIER = "tier";
    public static final String KIND = "kind";
    public static final String STORE = "store";
    public static final String OUTCOME = "outcome";
    public static final String CODE = "code";
    public static final String GROUP = "group";

    // intake
    public static final String INTAKE_RUNNING = "cairn_intake_running";
    public static final String INTAKE_OUTCOMES = "cairn_intake_outcomes_total";

    // backups
    public static final String BACKUPS = "cairn_backups_total";
    public static final String BACKUP_DURATION = "cairn_backup_duration_seconds";
    public static final String BACKUP_INPUT = "cairn_backup_input_bytes_total";
    public static final String BACKUP_STORED = "cairn_backup_stored_bytes_total";
    public static final String LAST_BACKUP_TIME = "cairn_last_backup_timestamp_seconds";

    // scheduling
    public static final String DUE_EVENTS = "cairn_due_events_total";
    public static final String SCHEDULER_DELAY = "cairn_scheduler_delay_seconds";

    // proof
    public static final String VALIDATIONS = "cairn_validations_total";
    public static final String DRILL_RTO = "cairn_drill_rto_seconds";
    public static final String RTO_FORECAST = "cairn_rto_forecast_seconds";

    /** 1 while the validator's private key opens a cluster's newest backups and WAL, else 0. */
    public static final String KEY_USABLE = "cairn_key_usable";

    // copies
    public static final String REPLICATION_LAG = "cairn_replication_lag_seconds";
    public static final String REPLICATED = "cairn_replicated_bytes_total";

    // regions
    public static final String REGION_ACTIVE = "cairn_region_active";
    public static final String REGION_EPOCH = "cairn_region_epoch";

    // the record
    public static final String OUTSTANDING_RUNS = "cairn_outstanding_runs";
    public static final String OBJECTIVE_ACTUAL = "cairn_objective_actual_seconds";
    public static final String OBJECTIVE_TARGET = "cairn_objective_target_seconds";

    private MetricNames() {}
}
