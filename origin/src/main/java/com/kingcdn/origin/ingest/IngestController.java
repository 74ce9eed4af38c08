package com.kingcdn.origin.ingest;

import com.kingcdn.control.BearerToken;
import com.kingcdn.http.EntityTag;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.Preconditions;
import com.kingcdn.http.Validators;
import com.kingcdn.origin.content.Catalog;
import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentPath;
import com.kingcdn.origin.content.ContentStore;
import com.kingcdn.origin.content.Upload;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Mono;

/**
 * The routes of {@code /content}, all behind the origin's token: {@code PUT} and {@code DELETE /content/PATH}, and {@code GET /content}
 * for a page of the catalogue ({@code prefix}, {@code after}, {@code limit} from 1 to {@value #MAX_PAGE}).
 */
public final class IngestController {

    private static final String ROOT = "/content";
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 1000;

    private final ContentStore store;
    private final Ingestor ingestor;
    private final BearerToken token;

    public IngestController(ContentStore store, Ingestor ingestor, BearerToken token) {
        this.store = store;
        this.ingestor = ingestor;
        this.token = token;
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(ROOT, this::list)
                .PUT(ROOT + "/**", this::put)
                .DELETE(ROOT + "/**", this::delete)
                .route(RequestPredicates.path(ROOT), request -> Problems.methodNotAllowed(HttpMethod.GET))
                .route(
                        RequestPredicates.path(ROOT + "/**"),
                        request -> Problems.methodNotAllowed(HttpMethod.PUT, HttpMethod.DELETE))
                .filter(this::guarded)
                .build();
    }

    /** Lets a request through that shows the token, and puts what goes wrong into words. */
    private Mono<ServerResponse> guarded(ServerRequest request, HandlerFunction<ServerResponse> next) {
        String credentials = request.headers().firstHeader("Authorization");
        return token.matches(credentials)
                ? Mono.defer(() -> next.handle(request)).onErrorResume(error -> Problems.of(error, request))
                : Problems.unauthorized(credentials != null);
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        int limit;
        try {
            limit = Integer.parseInt(request.queryParam("limit").orElse(String.valueOf(DEFAULT_PAGE)));
        } catch (NumberFormatException e) {
            limit = 0;
        }
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException("limit must be a number from 1 to " + MAX_PAGE);
        }
        Catalog.Page page = store.catalog()
                .page(
                        request.queryParam("prefix").orElse(""),
                        request.queryParam("after").orElse(""),
                        limit);
        return ServerResponse.ok()
                .header("Cache-Control", "no-store")
                .bodyValue(new Listing(
                        page.entries().stream().map(ListedContent::of).toList(), page.next()));
    }

    private Mono<ServerResponse> put(ServerRequest request) {
        ContentPath path = pathOf(request);
        if (path.isReserved()) {
            throw new IllegalArgumentException(
                    "the path is one of the origin's own, so the content could never be asked for");
        }
        HeaderFields fields = fieldsOf(request);
        if (fields.contains("content-range")) {
            // RFC 9110 section 14.5: a server without partial PUT must not take it for the whole
            throw new IllegalArgumentException("partial uploads (Content-Range) are not supported");
        }
        String coding = fields.combined("content-encoding");
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            return Problems.unsupportedCoding();
        }
        if (request.headers().contentLength().orElse(0) > ingestor.maxSize()) {
            return Problems.of(
                    HttpStatus.CONTENT_TOO_LARGE, "the content is larger than " + ingestor.maxSize() + " bytes");
        }
        List<String> digests = new ArrayList<>(fields.all("content-digest"));
        digests.addAll(fields.all("repr-digest"));
        Ingestor.Wanted wanted = new Ingestor.Wanted(
                path,
                MediaTypes.choose(fields.first("content-type"), path),
                DigestFields.sha256(digests),
                entry -> isExpected("PUT", fields, entry));
        return ingestor.ingest(wanted, request.bodyToFlux(DataBuffer.class)).flatMap(IngestController::stored);
    }

    private static Mono<ServerResponse> stored(Upload.Committed committed) {
        CatalogEntry entry = committed.entry();
        ServerResponse.BodyBuilder response = committed.replaced() == null
                ? ServerResponse.created(URI.create(UriUtils.encodePath(entry.path(), "UTF-8")))
                : ServerResponse.ok();
        return response.header("ETag", "\"" + entry.sha256() + "\"").bodyValue(ListedContent.of(entry));
    }

    private Mono<ServerResponse> delete(ServerRequest request) {
        ContentPath path = pathOf(request);
        HeaderFields fields = fieldsOf(request);
        return ingestor.delete(path, entry -> isExpected("DELETE", fields, entry))
                .flatMap(deleted -> deleted
                        ? ServerResponse.noContent().build()
                        : Problems.of(HttpStatus.NOT_FOUND, "there is no content of this path"));
    }

    /** If-Match and the like (RFC 9110 section 13), against what is stored at the moment it would change. */
    private static boolean isExpected(String method, HeaderFields fields, @Nullable CatalogEntry entry) {
        Validators current = entry == null
                ? null
                : new Validators(
                        new EntityTag(entry.sha256(), false),
                        OptionalLong.of(entry.modifiedMillis() / 1000 * 1000),
                        false);
        return Preconditions.evaluate(method, fields, current, System.currentTimeMillis())
                == Preconditions.Outcome.PROCEED;
    }

    private static ContentPath pathOf(ServerRequest request) {
        return ContentPath.parse(request.uri().getRawPath().substring(ROOT.length()));
    }

    private static HeaderFields fieldsOf(ServerRequest request) {
        HeaderFields.Builder fields = HeaderFields.builder();
        request.headers().asHttpHeaders().forEach((name, values) -> values.forEach(value -> fields.add(name, value)));
        return fields.build();
    }

    /** A page of the catalogue; {@code next} is what to send as {@code after} for the following one. */
    record Listing(List<ListedContent> entries, @Nullable String next) {}
}
