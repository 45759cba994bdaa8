package io.cairn.bench.rpo0;

/** Which process a round kills. */
enum Victim {
    EXECUTOR("executor"),
    STORE("S3 server"),
    POSTGRES("PostgreSQL");

    private final String label;

    Victim(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}
