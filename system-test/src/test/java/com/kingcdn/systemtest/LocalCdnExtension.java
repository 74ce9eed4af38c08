package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the tests of a JVM one CDN that all share: started with the first, whole again before each, closed with the JVM, since a JVM that
 * runs its classes one by one has a context of JUnit for each. Whatever a test does, no log may show a stack trace or a leak after it.
 */
final class LocalCdnExtension implements ParameterResolver, BeforeEachCallback, AfterEachCallback {

    private static @Nullable LocalCdn shared;

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        cdn().heal();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        assertThat(cdn().suspiciousLogLines()).isEmpty();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalCdn.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cdn();
    }

    private static synchronized LocalCdn cdn() {
        if (shared == null) {
            LocalCdn started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::close, "cdn-close"));
            shared = started;
        }
        return shared;
    }

    private static LocalCdn start() {
        try {
            return new LocalCdn();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted when the CDN was to start", e);
        }
    }
}
