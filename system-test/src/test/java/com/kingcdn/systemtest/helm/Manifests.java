package com.kingcdn.systemtest.helm;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Kubernetes objects read from YAML: each of a kind that is expected, with no field that the Kubernetes model does not know (it knows no operator's kinds). */
final class Manifests {

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1/ConfigMap", ConfigMap.class,
            "v1/Namespace", Namespace.class,
            "v1/Secret", Secret.class,
            "v1/Service", Service.class,
            "v1/ServiceAccount", ServiceAccount.class,
            "apps/v1/StatefulSet", StatefulSet.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
            "monitoring.coreos.com/v1/PodMonitor", GenericKubernetesResource.class,
            "monitoring.coreos.com/v1/PrometheusRule", GenericKubernetesResource.class);

    private final List<HasMetadata> objects;

    private Manifests(List<HasMetadata> objects) {
        this.objects = objects;
    }

    /**
     * Reads all documents.
     *
     * @throws AssertionError naming the object and the field that is unknown
     */
    static Manifests parse(String yaml) {
        List<HasMetadata> objects = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (Object document : documents(yaml)) {
            if (document instanceof Map<?, ?> fields) {
                String kind = fields.get("apiVersion") + "/" + fields.get("kind");
                Class<? extends HasMetadata> type = KINDS.get(kind);
                if (type == null) {
                    throw new AssertionError("an object of an unexpected kind: " + kind);
                }
                HasMetadata object = mapper.convertValue(fields, type);
                if (!(object instanceof GenericKubernetesResource)) {
                    requireKnownFields(object, kind + " " + object.getMetadata().getName());
                }
                objects.add(object);
            }
        }
        return new Manifests(objects);
    }

    static Iterable<Object> documents(String yaml) {
        return new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml);
    }

    List<HasMetadata> objects() {
        return objects;
    }

    <T extends HasMetadata> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T extends HasMetadata> T one(Class<T> type, String name) {
        return all(type).stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + type.getSimpleName() + " " + name));
    }

    Stream<PodTemplateSpec> pods() {
        return all(StatefulSet.class).stream().map(set -> set.getSpec().getTemplate());
    }

    Stream<Container> containers() {
        return pods().flatMap(pod -> pod.getSpec().getContainers().stream());
    }

    /** The arguments of the form {@code --key=value}, without the dashes. */
    Stream<String> properties() {
        return containers().flatMap(container -> container.getArgs().stream()).map(argument -> argument.substring(2));
    }

    private static void requireKnownFields(@Nullable Object value, String where) {
        if (value instanceof Collection<?> items) {
            items.forEach(item -> requireKnownFields(item, where + "[]"));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> requireKnownFields(item, where + "." + key));
        } else if (value != null && value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model")) {
            for (Method method : value.getClass().getMethods()) {
                if (method.getName().startsWith("get") && method.getParameterCount() == 0) {
                    requireKnownField(value, method, where);
                }
            }
        }
    }

    private static void requireKnownField(Object value, Method getter, String where) {
        try {
            Object field = getter.invoke(value);
            if (getter.getName().equals("getAdditionalProperties")) {
                if (field instanceof Map<?, ?> unknown && !unknown.isEmpty()) {
                    throw new AssertionError(where + " has fields that Kubernetes does not know: " + unknown.keySet());
                }
            } else {
                requireKnownFields(field, where + "." + getter.getName().substring(3));
            }
        } catch (InvocationTargetException | IllegalAccessException e) {
            throw new LinkageError(where + ": " + getter.getName() + " failed", e);
        }
    }
}
