package com.kingcdn.edge;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in words why the content port is not open. */
final class ListenFailureAnalyzer extends AbstractFailureAnalyzer<EdgeLifecycle.ListenFailure> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, EdgeLifecycle.ListenFailure cause) {
        return new FailureAnalysis(
                "The edge " + cause.getMessage(),
                "Stop what listens there, or choose another address with kingcdn.edge.listen=HOST:PORT.",
                cause);
    }
}
