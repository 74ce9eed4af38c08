package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one CDN that all share: started with the first, whole again before each, closed after the last. Whatever a test does, no
 * log may show a stack trace or a leak after it.
 */
final class LocalCdnExtension implements ParameterResolver, BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LocalCdnExtension.class);

    /** Closed by JUnit with the whole run. */
    private record Shared(LocalCdn cdn) implements AutoCloseable {

        @Override
        public void close() {
            cdn.close();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        cdn(context).heal();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        assertThat(cdn(context).suspiciousLogLines()).isEmpty();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalCdn.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cdn(context);
    }

    private static LocalCdn cdn(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent("cdn", key -> new Shared(start()), Shared.class)
                .cdn();
    }

    private static LocalCdn start() {
        try {
            return new LocalCdn();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
