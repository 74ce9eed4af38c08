package com.kingcdn.edge.coding;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** A machine for which the libraries of Brotli and Zstandard have no native code, or that is without their jars. */
class MissingNativeCodeTest {

    /** Loads the codings and their libraries once more, but for what is missing. */
    private static final class Machine extends ClassLoader {

        private final Predicate<String> hasClass;

        Machine(Predicate<String> hasClass) {
            super(MissingNativeCodeTest.class.getClassLoader());
            this.hasClass = hasClass;
        }

        private static boolean isLibrary(String name) {
            return name.startsWith("com.aayushatharva.") || name.startsWith("com.github.luben.");
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!isLibrary(name) && !name.startsWith("com.kingcdn.edge.coding.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            if (!hasClass.test(name)) {
                throw new ClassNotFoundException(name);
            }
            try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (file == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] octets = file.readAllBytes();
                return defineClass(name, octets, 0, octets.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private static boolean isNative(String resource) {
            return resource.matches(".*\\.(so|dylib|jnilib|dll)");
        }

        @Override
        public @Nullable URL getResource(String name) {
            return isNative(name) ? null : super.getResource(name);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            // services are how Brotli's library finds its native code
            return isNative(name) || name.contains("brotli4j")
                    ? Collections.emptyEnumeration()
                    : super.getResources(name);
        }
    }

    static Stream<Arguments> machines() {
        return Stream.of(
                Arguments.of("without native code", (Predicate<String>) name -> !name.contains(".linux.")),
                Arguments.of("without the jars", (Predicate<String>) name -> !Machine.isLibrary(name)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("machines")
    void gzipTakesTheirPlaceAndTheLogSaysSoOnce(String what, Predicate<String> hasClass) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("com.kingcdn.edge.coding.ContentCoding");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            Class<?> acceptEncoding = new Machine(hasClass).loadClass(AcceptEncoding.class.getName());
            for (int i = 0; i < 3; i++) {
                assertThat(preferred(acceptEncoding, "br, zstd, gzip")).isEqualTo("GZIP");
                assertThat(preferred(acceptEncoding, "br, zstd")).isEqualTo("null");
                assertThat(preferred(acceptEncoding, "*")).isEqualTo("GZIP");
            }
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list).hasSize(2).allMatch(line -> line.getLevel() == Level.WARN);
        assertThat(lines.list.get(0).getFormattedMessage())
                .startsWith("No br on this machine, others are used in its place: ");
        assertThat(lines.list.get(1).getFormattedMessage()).startsWith("No zstd on this machine");
    }

    private static String preferred(Class<?> acceptEncoding, String field) throws ReflectiveOperationException {
        return String.valueOf(
                acceptEncoding.getMethod("preferred", String.class).invoke(null, field));
    }
}
