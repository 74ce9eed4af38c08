package com.kingcdn.redirector;

import com.kingcdn.redirector.dnssec.KeyException;
import com.kingcdn.redirector.geo.GeoDatabaseException;
import com.kingcdn.redirector.registry.ConfigFileException;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.zone.ZoneFileException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** The words for an operator when a redirector cannot start: what is wrong and what to do, instead of a stack trace. */
final class StartFailureAnalyzer implements FailureAnalyzer {

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            @Nullable String action = action(cause);
            if (action != null) {
                return new FailureAnalysis(cause.getMessage(), action, failure);
            }
        }
        return null;
    }

    private static @Nullable String action(Throwable cause) {
        if (cause instanceof ConfigFileException || cause instanceof ZoneFileException) {
            return "Correct the configuration file and start again.";
        }
        if (cause instanceof KeyException) {
            return "Look at the keys of that zone, or take 'dnssec: true' from it.";
        }
        if (cause instanceof GeoDatabaseException) {
            return "Correct kingcdn.redirector.geo or geo.database, or leave it out: answers go by the default order then.";
        }
        if (cause instanceof ControlStoreException) {
            return "Look at the state directory, kingcdn.redirector.state.";
        }
        boolean ofSettings = cause instanceof IllegalArgumentException
                && cause.getMessage() != null
                && (cause.getMessage().contains("kingcdn.redirector.")
                        || cause.getMessage().startsWith("token file"));
        if (ofSettings) {
            return "Correct the setting and start again.";
        }
        return cause instanceof IOException ? "Correct the address or file and start again." : null;
    }
}
