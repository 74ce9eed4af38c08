package com.kingcdn.redirector;

import com.kingcdn.control.BearerToken;
import com.kingcdn.metrics.MetricsHandler;
import com.kingcdn.redirector.api.ApiClocks;
import com.kingcdn.redirector.api.ApiConfiguration;
import com.kingcdn.redirector.api.ApiTokens;
import com.kingcdn.redirector.api.DirectCalls;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.server.DirectRoutes;
import com.kingcdn.redirector.server.ExchangeLoopFilter;
import com.kingcdn.redirector.server.SilentClients;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The HTTP half of a redirector: control API, metrics, health; absent from one that runs from its configuration file alone. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@Import(ApiConfiguration.class)
class ControlPlaneConfiguration {

    /** A few retransmissions on the worst of paths. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Bean
    ApiTokens apiTokens(RedirectorProperties properties) {
        if (properties.state() == null) {
            throw new IllegalArgumentException(
                    "the control API needs kingcdn.redirector.state=DIR, where what it accepts survives a restart;"
                            + " without it run with spring.main.web-application-type=none");
        }
        return new ApiTokens(
                token("kingcdn.redirector.admin-token-file", properties.adminTokenFile()),
                token("kingcdn.redirector.edge-token-file", properties.edgeTokenFile()),
                properties.readerTokenFile() == null ? null : BearerToken.read(properties.readerTokenFile()));
    }

    private static BearerToken token(String key, @Nullable Path file) {
        if (file == null) {
            throw new IllegalArgumentException("the control API needs " + key + "=FILE");
        }
        return BearerToken.read(file);
    }

    @Bean
    ApiClocks apiClocks(Clock clock, LongSupplier monotonicMillis) {
        return new ApiClocks(clock, monotonicMillis);
    }

    @Bean
    ApplicationListener<WebServerInitializedEvent> reportsOpen(ClusterHealth health, LongSupplier monotonicMillis) {
        return opened -> health.reportsOpen(monotonicMillis.getAsLong());
    }

    @Bean
    SilentClients silentClients() {
        return new SilentClients(PATIENCE);
    }

    @Bean
    ExchangeLoopFilter exchangeLoopFilter() {
        return new ExchangeLoopFilter();
    }

    @Bean
    DirectRoutes directRoutes(DirectCalls calls) {
        return new DirectRoutes(calls);
    }

    @Bean
    RouterFunction<ServerResponse> metricsRoutes() {
        return MetricsHandler.routes();
    }
}
