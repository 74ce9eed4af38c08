package com.kingcdn.redirector.api.map;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The page {@code /map}: HTML, style and scripts as they lie beside this class. They name no cluster and no prefix, so nobody is asked for
 * a token. A browser takes scripts and styles from here only and sends nothing anywhere else (Content Security Policy, level 3).
 */
final class MapPage {

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private static final MediaType SCRIPT = new MediaType("text", "javascript", StandardCharsets.UTF_8);
    private static final MediaType STYLE = new MediaType("text", "css", StandardCharsets.UTF_8);
    private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);
    private static final MediaType IMAGE = new MediaType("image", "svg+xml");

    private record File(String path, String name, MediaType type) {}

    private static final List<File> FILES = List.of(
            new File("/map", "map.html", HTML),
            new File("/map/map.css", "map.css", STYLE),
            new File("/map/icon.svg", "icon.svg", IMAGE),
            new File("/map/layout.js", "layout.js", SCRIPT),
            new File("/map/map.js", "map.js", SCRIPT),
            new File("/map/stream.js", "stream.js", SCRIPT),
            new File("/map/picture.js", "picture.js", SCRIPT),
            new File("/map/tables.js", "tables.js", SCRIPT),
            new File("/map/world.js", "world.js", SCRIPT));

    private MapPage() {}

    static RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route();
        FILES.forEach(file -> routes.GET(file.path(), request -> send(file)));
        return routes.build();
    }

    private static Mono<ServerResponse> send(File file) {
        return ServerResponse.ok()
                .contentType(file.type())
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .bodyValue(new ClassPathResource(file.name(), MapPage.class));
    }
}
