package com.kingcdn.systemtest;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one CDN that all share: started with the first, whole again before each, closed after the last. */
final class LocalCdnExtension implements ParameterResolver, BeforeEachCallback {

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
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
