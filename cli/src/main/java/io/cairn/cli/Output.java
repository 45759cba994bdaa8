package io.cairn.cli;

import io.cairn.model.Json;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where results go: to stdout, as text or as JSON with a schema version. */
@Command
final class Output {

    /** Version of the JSON output; a field is only ever added. */
    static final String SCHEMA = "cairn.cli.v1";

    @Spec(Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** Either the JSON object {@code {"schema": …, name: data}} or what {@code text} prints. */
    void print(GlobalOptions.Format format, String name, Object data, Runnable text) {
        print(format, Map.of(name, data), text);
    }

    /** As {@link #print(GlobalOptions.Format, String, Object, Runnable)}, of several results. */
    void print(GlobalOptions.Format format, Map<String, ?> results, Runnable text) {
        switch (format) {
            case text -> text.run();
            case json -> {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("schema", SCHEMA);
                document.putAll(results);
                line(new String(Json.writeIndented(document), StandardCharsets.UTF_8));
            }
        }
    }

    void print(Table table) {
        table.print(out());
        out().flush();
    }

    void line(String text) {
        out().println(text);
        out().flush();
    }

    /** What is about to happen; to stderr. */
    void note(String text) {
        spec.commandLine().getErr().println(text);
    }

    /** Something the reader of the result must know; to stderr. */
    void warn(String text) {
        spec.commandLine().getErr().println("cairn: warning: " + text);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
