package io.cairn.executor.publish;

/** Signs commit objects. Thread-safe. */
@FunctionalInterface
public interface Signing {

    /** A detached CMS signature over {@code content}. */
    byte[] sign(byte[] content);
}
