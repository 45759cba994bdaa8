package io.cairn.local;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code deploy/local/up} was asked for.
 *
 * @param once end when the whole circle is proven
 * @param fresh forget what an earlier start left
 * @param config the user's clusters instead of the samples
 */
record Arguments(boolean once, boolean fresh, Optional<Path> config) {

    static Arguments parse(List<String> words) {
        boolean once = false;
        boolean fresh = false;
        Optional<Path> config = Optional.empty();
        for (int i = 0; i < words.size(); i++) {
            switch (words.get(i)) {
                case "--once" -> once = true;
                case "--fresh" -> fresh = true;
                case "--config" -> {
                    i++;
                    if (i == words.size()) {
                        throw misuse("--config needs a file");
                    }
                    config = Optional.of(Path.of(words.get(i)));
                }
                default -> throw misuse("unknown argument '" + words.get(i) + "'");
            }
        }
        if (once && config.isPresent()) {
            throw misuse("--once proves the circle on the sample clusters; it takes no --config");
        }
        return new Arguments(once, fresh, config);
    }

    private static CairnException misuse(String message) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                message,
                "usage: deploy/local/up [--fresh] [--once | --config FILE]");
    }
}
