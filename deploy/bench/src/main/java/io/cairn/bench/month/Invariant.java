package io.cairn.bench.month;

/** What holds after every step. */
enum Invariant {
    RESTORES("what is listed restores, byte for byte, and boots with what was in the source"),
    COMPLETE("a copy has a commit object only when all its parts are there, with their digests"),
    AUTHENTIC("what is listed was taken by an executor"),
    WRITE_ONCE("what was stored under a name stays what it is"),
    CHAIN("what an incremental builds on is kept with it"),
    KEPT("nothing expires before its policy says so"),
    WINDOW("all WAL is kept by which a moment of the point-in-time window is reached"),
    NEWEST_VERIFIED("the newest backup that was verified is kept"),
    VERIFIED("what is called verified is whole and right"),
    HELD("what is held is kept"),
    LOCKED_AT_ONCE("what is stored is locked from its first byte"),
    LOCKED("what was called locked can be deleted by nobody, and does not expire, until then"),
    EXPIRED("what has expired does not come back"),
    ASKED("a clean-up that removes much, or follows a changed policy, asks before"),
    TOLD("what a copy lacks is told of as its lag"),
    MOVED("when a region fails, writers know within a minute that they are to leave it"),
    RETURNED("a region that was left returns only when it holds what the others hold"),
    RECOVERED("all WAL that was acknowledged is recovered"),
    BOTH("of two backups that were committed under one label both are kept");

    private final String promise;

    Invariant(String promise) {
        this.promise = promise;
    }

    String promise() {
        return promise;
    }

    Violation violated(String how) {
        return new Violation(this, how);
    }
}
