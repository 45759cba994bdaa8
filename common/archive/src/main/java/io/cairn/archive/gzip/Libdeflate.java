package io.cairn.archive.gzip;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * libdeflate (https://github.com/ebiggers/libdeflate, the functions of {@code libdeflate.h})
 * through the Foreign Function and Memory API. Debian's package is {@code libdeflate0}; the JVM
 * needs {@code --enable-native-access}.
 *
 * <p>The library does not export its version, so the name is all that can be told.
 */
final class Libdeflate implements GzipCodec {

    private static final List<String> LIBRARIES =
            List.of("libdeflate.so.0", "libdeflate.0.dylib", "libdeflate.dll");

    private final MethodHandle allocCompressor;
    private final MethodHandle freeCompressor;
    private final MethodHandle compress;
    private final MethodHandle compressBound;
    private final MethodHandle allocDecompressor;
    private final MethodHandle freeDecompressor;
    private final MethodHandle decompress;

    @SuppressWarnings("restricted") // calling a native library is this class's purpose
    private Libdeflate(SymbolLookup library) {
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfInt integer = ValueLayout.JAVA_INT;
        ValueLayout.OfLong size = ValueLayout.JAVA_LONG;
        var pointer = ValueLayout.ADDRESS;
        allocCompressor =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_alloc_compressor"),
                        FunctionDescriptor.of(pointer, integer));
        freeCompressor =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_free_compressor"),
                        FunctionDescriptor.ofVoid(pointer));
        // Not critical: at level 9 a block takes 70 ms, and a critical call holds up every garbage
        // collection.
        compress =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_gzip_compress"),
                        FunctionDescriptor.of(size, pointer, pointer, size, pointer, size));
        compressBound =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_gzip_compress_bound"),
                        FunctionDescriptor.of(size, pointer, size));
        allocDecompressor =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_alloc_decompressor"),
                        FunctionDescriptor.of(pointer));
        freeDecompressor =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_free_decompressor"),
                        FunctionDescriptor.ofVoid(pointer));
        // Critical, to work on Java arrays without a copy: a member takes a millisecond or two.
        decompress =
                linker.downcallHandle(
                        library.findOrThrow("libdeflate_gzip_decompress_ex"),
                        FunctionDescriptor.of(
                                integer, pointer, pointer, size, pointer, size, pointer, pointer),
                        Linker.Option.critical(true));
    }

    @SuppressWarnings("restricted") // loading a native library is this class's purpose
    static Optional<GzipCodec> load() {
        for (String library : LIBRARIES) {
            try {
                return Optional.of(
                        new Libdeflate(SymbolLookup.libraryLookup(library, Arena.global())));
            } catch (IllegalArgumentException _) {
                // Not installed under this name.
            } catch (IllegalCallerException | UnsupportedOperationException _) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    @Override
    public String name() {
        return "libdeflate";
    }

    @Override
    public int bound(int bytes) {
        try {
            return Math.toIntExact(
                    (long) compressBound.invokeExact(MemorySegment.NULL, (long) bytes));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @Override
    public long compressorBytes() {
        // 668 295 bytes in 1.14 for levels 5 to 9.
        return 1 << 20;
    }

    @Override
    public GzipCompressor compressor(int level) {
        return new Compressor(GzipCodec.requireLevel(level));
    }

    @Override
    public GzipDecompressor decompressor() {
        return new Decompressor();
    }

    private static AssertionError broken(Throwable e) {
        return e instanceof AssertionError error
                ? error
                : new AssertionError("libdeflate is not the library it should be", e);
    }

    private static MemorySegment allocated(MemorySegment pointer) {
        if (pointer.address() == 0) {
            throw new OutOfMemoryError("libdeflate could not allocate its state");
        }
        return pointer;
    }

    private static void free(MethodHandle function, MemorySegment pointer) {
        if (pointer.address() == 0) {
            return;
        }
        try {
            function.invokeExact(pointer);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private final class Compressor implements GzipCompressor {

        private MemorySegment state;

        Compressor(int level) {
            try {
                state = allocated((MemorySegment) allocCompressor.invokeExact(level));
            } catch (OutOfMemoryError e) {
                throw e;
            } catch (Throwable e) {
                throw broken(e);
            }
        }

        @Override
        public int compress(MemorySegment input, MemorySegment output) {
            requireOpen(state);
            long length;
            try {
                length =
                        (long)
                                compress.invokeExact(
                                        state, input, input.byteSize(), output, output.byteSize());
            } catch (Throwable e) {
                throw broken(e);
            }
            if (length == 0) {
                throw new IllegalArgumentException(
                        "no room for a member of " + input.byteSize() + " bytes");
            }
            return Math.toIntExact(length);
        }

        @Override
        public void close() {
            free(freeCompressor, state);
            state = MemorySegment.NULL;
        }
    }

    private final class Decompressor implements GzipDecompressor {

        private static final int SUCCESS = 0;

        private MemorySegment state;
        private final long[] consumed = new long[1];
        private final long[] produced = new long[1];

        Decompressor() {
            try {
                state = allocated((MemorySegment) allocDecompressor.invokeExact());
            } catch (OutOfMemoryError e) {
                throw e;
            } catch (Throwable e) {
                throw broken(e);
            }
        }

        @Override
        public int inflate(byte[] gzip, int from, int to, byte[] output) {
            requireOpen(state);
            long length = (long) to - from;
            int result;
            try {
                result =
                        (int)
                                decompress.invokeExact(
                                        state,
                                        MemorySegment.ofArray(gzip).asSlice(from, length),
                                        length,
                                        MemorySegment.ofArray(output),
                                        (long) output.length,
                                        MemorySegment.ofArray(consumed),
                                        MemorySegment.ofArray(produced));
            } catch (Throwable e) {
                throw broken(e);
            }
            return result == SUCCESS ? Math.toIntExact(produced[0]) : CORRUPT;
        }

        @Override
        public int consumed() {
            return Math.toIntExact(consumed[0]);
        }

        @Override
        public void close() {
            free(freeDecompressor, state);
            state = MemorySegment.NULL;
        }
    }

    private static void requireOpen(MemorySegment state) {
        if (state.address() == 0) {
            throw new IllegalStateException("closed");
        }
    }
}
