package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.ResponseLifetime;
import com.kingcdn.redirector.query.Transport;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * DNS over HTTPS (RFC 8484) at {@code /dns-query}: GET with {@code dns=}, POST with the message as the body. What a DNS server answers is
 * always status 200; other statuses are for requests that carry no query.
 */
final class DohHandler {

    static final String PATH = "/dns-query";

    private static final String DNS_MESSAGE = "application/dns-message";
    private static final int LONGEST_QUERY = 65535;

    /** One of the longest answer's length for each event loop. */
    private static final FastThreadLocal<byte[]> ANSWERS = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[LONGEST_QUERY];
        }
    };

    private final QueryHandler handler;
    private final UnreadMemory unread;

    /** @param unread what the bodies of requests may take that have not come as a whole */
    DohHandler(QueryHandler handler, UnreadMemory unread) {
        this.handler = handler;
        this.unread = unread;
    }

    Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
        QueryStringDecoder uri;
        try {
            uri = new QueryStringDecoder(request.uri());
            if (!uri.path().equals(PATH)) {
                return refuse(response, HttpResponseStatus.NOT_FOUND, "DNS over HTTPS is at " + PATH);
            }
        } catch (IllegalArgumentException e) {
            return refuse(response, HttpResponseStatus.BAD_REQUEST, "the request target is malformed");
        }
        if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
            return handleGet(request, response, uri);
        }
        if (request.method().equals(HttpMethod.POST)) {
            return handlePost(request, response);
        }
        response.header(HttpHeaderNames.ALLOW, "GET, HEAD, POST");
        return refuse(response, HttpResponseStatus.METHOD_NOT_ALLOWED, "use GET or POST");
    }

    private Publisher<Void> handleGet(HttpServerRequest request, HttpServerResponse response, QueryStringDecoder uri) {
        List<String> values;
        try {
            values = uri.parameters().getOrDefault("dns", List.of());
        } catch (IllegalArgumentException e) {
            values = List.of();
        }
        if (values.size() != 1) {
            return refuse(
                    response,
                    HttpResponseStatus.BAD_REQUEST,
                    "exactly one parameter dns= is needed, a query in base64url");
        }
        byte[] query;
        try {
            query = Base64.getUrlDecoder().decode(values.get(0));
        } catch (IllegalArgumentException e) {
            return refuse(
                    response,
                    HttpResponseStatus.BAD_REQUEST,
                    "the value of dns= is not base64url (RFC 4648 section 5)");
        }
        return answer(request, response, query);
    }

    private Publisher<Void> handlePost(HttpServerRequest request, HttpServerResponse response) {
        @Nullable String type = request.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE);
        if (type == null || !DNS_MESSAGE.equals(mediaType(type))) {
            return refuse(
                    response, HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "the content type must be " + DNS_MESSAGE);
        }
        Body body = new Body(request, unread);
        return request.receive()
                .asByteArray()
                .doOnNext(body::add)
                .then(Mono.fromCallable(body::octets))
                .doFinally(end -> body.release())
                .flatMap(query -> Mono.from(answer(request, response, query)))
                .onErrorResume(
                        TooLong.class,
                        e -> Mono.from(refuse(
                                response,
                                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                                "a DNS message has at most " + LONGEST_QUERY + " bytes")));
    }

    private static String mediaType(String contentType) {
        int parameters = contentType.indexOf(';');
        return (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .trim()
                .toLowerCase(Locale.ROOT);
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response, byte[] query) {
        @Nullable InetSocketAddress remote = request.remoteAddress();
        InetSocketAddress client = remote == null ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0) : remote;
        byte[] out = ANSWERS.get();
        int length = handler.answer(query, query.length, client, Transport.HTTPS, out);
        if (length == QueryHandler.ZONE_REQUEST) {
            length = handler.refuse(query, query.length, client, Transport.HTTPS, out);
        }
        byte[] answer = Arrays.copyOf(out, length);
        if (length == 0) {
            return refuse(response, HttpResponseStatus.BAD_REQUEST, "the message is no DNS query");
        }
        response.header(HttpHeaderNames.CONTENT_TYPE, DNS_MESSAGE)
                .header(HttpHeaderNames.CACHE_CONTROL, "max-age=" + ResponseLifetime.seconds(answer))
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(answer.length));
        return request.method().equals(HttpMethod.HEAD) ? response.send() : response.sendByteArray(Mono.just(answer));
    }

    private static Publisher<Void> refuse(HttpServerResponse response, HttpResponseStatus status, String detail) {
        byte[] body = ("{\"type\":\"about:blank\",\"title\":\"" + status.reasonPhrase() + "\",\"status\":"
                        + status.code() + ",\"detail\":\"" + detail + "\"}\n")
                .getBytes(StandardCharsets.UTF_8);
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .sendByteArray(Mono.just(body));
    }

    /** What has come of a request's body; reading ends at the limit, whatever length the client has announced. */
    private static final class Body implements UnreadMemory.Holder {

        private final HttpServerRequest request;
        private final UnreadMemory unread;
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

        Body(HttpServerRequest request, UnreadMemory unread) {
            this.request = request;
            this.unread = unread;
        }

        void add(byte[] part) {
            if (octets.size() + part.length > LONGEST_QUERY) {
                throw new TooLong();
            }
            octets.writeBytes(part);
            unread.set(this, octets.size());
        }

        byte[] octets() {
            return octets.toByteArray();
        }

        void release() {
            unread.set(this, 0);
        }

        @Override
        public void giveUp() {
            request.withConnection(connection -> connection.channel().close());
        }
    }

    /** The end of a body that is longer than any query. */
    private static final class TooLong extends RuntimeException {
        TooLong() {
            super(null, null, false, false);
        }
    }
}
