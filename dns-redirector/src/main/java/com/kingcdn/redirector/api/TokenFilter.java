package com.kingcdn.redirector.api;

import com.kingcdn.control.BearerToken;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The guard of {@code /v1}: edges may follow events, report and ask whom to probe, operators may do everything else, readers may see the map
 * and have decisions explained; nobody may do anything without a bearer token (RFC 6750).
 */
final class TokenFilter implements WebFilter, Ordered {

    private static final String API = "v1";

    private final ApiTokens tokens;

    TokenFilter(ApiTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        // the decoded segments that requests are routed by, so that no spelling of a path goes round this
        PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
        if (!API.equals(segment(path, 0))) {
            return chain.filter(exchange);
        }
        String area = segment(path, 1);
        boolean ofEdges = "events".equals(area) || "reports".equals(area) || "probe-targets".equals(area);
        @Nullable String shown = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        BearerToken needed = ofEdges ? tokens.edge() : tokens.admin();
        @Nullable BearerToken reader = tokens.reader();
        boolean reads = reader != null && reader.matches(shown);
        boolean ofReaders = reader != null
                && ("map".equals(area) || "explain".equals(area))
                && HttpMethod.GET.equals(exchange.getRequest().getMethod());
        if (needed.matches(shown) || (reads && ofReaders)) {
            return chain.filter(exchange);
        }
        BearerToken other = ofEdges ? tokens.admin() : tokens.edge();
        if (reads || other.matches(shown)) {
            return challenge(
                    exchange,
                    HttpStatus.FORBIDDEN,
                    "Bearer error=\"insufficient_scope\"",
                    "this needs the " + (ofEdges ? "edge" : ofReaders ? "reader or admin" : "admin") + " token");
        }
        return shown == null
                ? challenge(exchange, HttpStatus.UNAUTHORIZED, "Bearer", "this needs 'Authorization: Bearer TOKEN'")
                : challenge(
                        exchange,
                        HttpStatus.UNAUTHORIZED,
                        "Bearer error=\"invalid_token\"",
                        "the token is not known here");
    }

    private static String segment(PathContainer path, int index) {
        int seen = 0;
        for (PathContainer.Element element : path.elements()) {
            if (element instanceof PathContainer.PathSegment segment && seen++ == index) {
                return segment.valueToMatch();
            }
        }
        return "";
    }

    private static Mono<Void> challenge(
            ServerWebExchange exchange, HttpStatus status, String challenge, String detail) {
        exchange.getResponse().getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, challenge);
        return Mono.error(new ResponseStatusException(status, detail));
    }
}
