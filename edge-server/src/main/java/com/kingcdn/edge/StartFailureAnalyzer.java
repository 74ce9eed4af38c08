package com.kingcdn.edge;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** The words for an operator when an edge cannot start: what is wrong and what to do, instead of a stack trace. */
final class StartFailureAnalyzer implements FailureAnalyzer {

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            @Nullable String message = cause.getMessage();
            if (cause instanceof EdgeLifecycle.ListenFailure) {
                return new FailureAnalysis(
                        "The edge " + message,
                        "Stop what listens there, or choose another address: kingcdn.edge.listen=HOST:PORT for content,"
                                + " kingcdn.edge.tls.listen=HOST:PORT for TLS and HTTP/3.",
                        failure);
            }
            if (cause instanceof IllegalArgumentException && message != null && message.startsWith("kingcdn.edge.")) {
                return new FailureAnalysis(message, "Correct the setting and start again.", failure);
            }
        }
        return null;
    }
}
