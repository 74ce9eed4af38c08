package com.kingcdn.redirector.server;

import com.kingcdn.control.BearerToken;
import com.kingcdn.control.ControlJson;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.api.DirectCalls;
import com.kingcdn.redirector.api.Problem;
import com.kingcdn.redirector.api.Reply;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyRouteProvider;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.UnsupportedMediaTypeStatusException;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import tools.jackson.databind.ObjectReader;

/**
 * The routes of the control API's {@link DirectCalls}: purges, reports of edges, and the connections that follow the numbered log.
 *
 * <p>They are only found by their exact path, with the token of their role; whatever else comes goes on to the API's filter and
 * controllers.
 */
public final class DirectRoutes implements NettyRouteProvider {

    private static final AsciiString LAST_EVENT_ID = AsciiString.cached("Last-Event-ID");

    /** Room that a body has before any of it has come: enough for most, too little to hurt when none ever comes. */
    private static final int FIRST_ROOM = 16 * 1024;

    private static final ObjectReader STRICT = ControlJson.mapper().reader();

    private final DirectCalls calls;

    public DirectRoutes(DirectCalls calls) {
        this.calls = calls;
    }

    @Override
    public HttpServerRoutes apply(HttpServerRoutes routes) {
        BearerToken admin = calls.tokens().admin();
        BearerToken edge = calls.tokens().edge();
        return routes.route(
                        request -> is(request, DirectCalls.PURGES, admin),
                        (request, response) -> post(request, response, STRICT, PurgeRequest.class, calls.purge()))
                .route(
                        request -> is(request, DirectCalls.HEALTH, edge),
                        (request, response) -> report(request, response, HealthReport.class, calls.health()))
                .route(
                        request -> is(request, DirectCalls.LOAD, edge),
                        (request, response) -> report(request, response, LoadReport.class, calls.load()))
                .route(
                        request -> is(request, DirectCalls.RTT, edge),
                        (request, response) -> report(request, response, RttReport.class, calls.rtt()))
                .route(request -> is(request, DirectCalls.EVENTS, edge), this::events);
    }

    private static boolean is(HttpServerRequest request, String path, BearerToken token) {
        return path.equals(path(request))
                && token.matches(request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION));
    }

    /** Empty for a target that is none, which the controllers' server refuses. */
    private static String path(HttpServerRequest request) {
        try {
            return request.fullPath();
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static <T> Publisher<Void> report(
            HttpServerRequest request,
            HttpServerResponse response,
            Class<T> type,
            Function<T, CompletableFuture<Reply>> call) {
        return post(request, response, ControlJson.reports(), type, call);
    }

    private static <T> Publisher<Void> post(
            HttpServerRequest request,
            HttpServerResponse response,
            ObjectReader reader,
            Class<T> type,
            Function<T, CompletableFuture<Reply>> call) {
        return checkPost(request)
                .then(body(request))
                .flatMap(body -> Mono.fromFuture(
                        call.apply(read(body, reader, type)).thenApplyAsync(reply -> reply, loop(request))))
                .onErrorMap(CompletionException.class, e -> e.getCause() == null ? e : e.getCause())
                .flatMap(reply -> Mono.from(send(reply, response)))
                .onErrorResume(
                        // a client that went away in the middle of its body is nobody's fault, and hears nothing
                        failure -> !response.hasSentHeaders() && !(failure instanceof AbortedException),
                        failure -> Mono.from(refuse(request, response, failure)));
    }

    /** So that the thread which writes the journal hands the reply on at once. */
    private static Executor loop(HttpServerRequest request) {
        Executor[] loop = {Runnable::run};
        request.withConnection(connection -> loop[0] = connection.channel().eventLoop());
        return loop[0];
    }

    private static void checkMethod(HttpServerRequest request, HttpMethod allowed) {
        String method = request.method().name();
        if (!allowed.name().equals(method)) {
            throw new MethodNotAllowedException(method, List.of(allowed));
        }
    }

    private static Mono<Void> checkPost(HttpServerRequest request) {
        return Mono.fromRunnable(() -> {
            checkMethod(request, HttpMethod.POST);
            String named = String.valueOf(request.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE));
            @Nullable CharSequence type = HttpUtil.getMimeType(named);
            if (type == null || !MediaType.APPLICATION_JSON_VALUE.equalsIgnoreCase(type.toString())) {
                throw new UnsupportedMediaTypeStatusException(
                        "the body has to be " + MediaType.APPLICATION_JSON_VALUE, List.of(MediaType.APPLICATION_JSON));
            }
        });
    }

    private static Mono<byte[]> body(HttpServerRequest request) {
        return request.receive()
                .asByteArray()
                .collect(() -> new ByteArrayOutputStream(room(request)), DirectRoutes::add)
                .map(ByteArrayOutputStream::toByteArray);
    }

    private static int room(HttpServerRequest request) {
        int said = request.requestHeaders().getInt(HttpHeaderNames.CONTENT_LENGTH, FIRST_ROOM);
        return Math.max(0, Math.min(said, FIRST_ROOM));
    }

    private static void add(ByteArrayOutputStream body, byte[] piece) {
        if (body.size() + piece.length > DirectCalls.MAX_BODY_BYTES) {
            throw new DataBufferLimitException("the body is too large");
        }
        body.writeBytes(piece);
    }

    private static <T> T read(byte[] body, ObjectReader reader, Class<T> type) {
        @Nullable T value = reader.forType(type).readValue(body);
        if (value == null) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "the body is null and has to be an object");
        }
        return value;
    }

    private static Publisher<Void> send(Reply reply, HttpServerResponse response) {
        response.status(reply.status());
        if (reply.location() != null) {
            response.header(HttpHeaderNames.LOCATION, reply.location());
        }
        return reply.content() == null
                ? response.send()
                : send(response, MediaType.APPLICATION_JSON_VALUE, reply.content());
    }

    private static Publisher<Void> refuse(HttpServerRequest request, HttpServerResponse response, Throwable failure) {
        HttpHeaders headers = response.responseHeaders();
        Problem.headers(failure).forEach(headers::set);
        Problem problem =
                Problem.of(failure, request.method() + " " + request.fullPath(), "[" + request.requestId() + "] ");
        response.status(problem.status());
        return send(response, MediaType.APPLICATION_PROBLEM_JSON_VALUE, problem);
    }

    private static Publisher<Void> send(HttpServerResponse response, String type, Object content) {
        byte[] json = ControlJson.mapper().writeValueAsBytes(content);
        return response.header(HttpHeaderNames.CONTENT_TYPE, type)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(json.length))
                .sendObject(Unpooled.wrappedBuffer(json));
    }

    private Publisher<Void> events(HttpServerRequest request, HttpServerResponse response) {
        @Nullable Long last;
        try {
            checkMethod(request, HttpMethod.GET);
            last = lastEventId(request);
        } catch (ResponseStatusException e) {
            return refuse(request, response, e);
        }
        return EventConnection.open(response, calls.feed(), last);
    }

    private static @Nullable Long lastEventId(HttpServerRequest request) {
        @Nullable String named = request.requestHeaders().get(LAST_EVENT_ID);
        if (named == null) {
            return null;
        }
        try {
            long number = Long.parseLong(named.strip());
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new ResponseStatusException(
                HttpStatus.BAD_REQUEST, "Last-Event-ID must be the number of an event, as it came with one");
    }
}
