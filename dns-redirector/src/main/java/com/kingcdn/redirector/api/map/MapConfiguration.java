package com.kingcdn.redirector.api.map;

import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.zone.ServingSnapshot;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Makes the map's page and its part of the API from what the root provides. */
@Configuration(proxyBeanMethods = false)
public class MapConfiguration {

    @Bean(destroyMethod = "close")
    MapFeed mapFeed(
            Registries registries,
            Supplier<ServingSnapshot> snapshots,
            LoadTracker load,
            LongSupplier monotonicMillis) {
        return new MapFeed(
                registries.config(),
                snapshots,
                new ClusterStates(load, monotonicMillis),
                new MapSurveys(monotonicMillis));
    }

    /** Ended before the server waits for its requests: looking has no end of its own. */
    @Bean
    ApplicationListener<ContextClosedEvent> mapFeedEnd(MapFeed feed) {
        return closing -> feed.close();
    }

    @Bean
    MapController mapController(MapFeed feed) {
        return new MapController(feed);
    }

    @Bean
    RouterFunction<ServerResponse> mapPage() {
        return MapPage.routes();
    }
}
