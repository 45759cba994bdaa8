package io.cairn.testing;

import java.util.List;

/** What more than one kind of child JVM is told. */
public final class JvmOptions {

    /**
     * The thorough compiler for what is hot indeed, six times later than usual: for who lives for
     * seconds, or works for moments and waits for hours, but computes too much to do without.
     */
    public static final List<String> COMPILES_LATER =
            List.of(
                    "-XX:Tier4InvocationThreshold=30000",
                    "-XX:Tier4MinInvocationThreshold=5000",
                    "-XX:Tier4CompileThreshold=80000",
                    "-XX:Tier4BackEdgeThreshold=200000");

    private JvmOptions() {}
}
