package com.kingcdn.edge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The floors of the edge (docs/architecture.md): imports go down only. */
@AnalyzeClasses(packages = "com.kingcdn.edge", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule IMPORTS_GO_DOWN = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("com.kingcdn.edge..")
            .layer("root")
            .definedBy("com.kingcdn.edge")
            .layer("ports")
            .definedBy("com.kingcdn.edge.web..", "com.kingcdn.edge.agent..")
            .layer("work")
            .definedBy("com.kingcdn.edge.cache..", "com.kingcdn.edge.push..", "com.kingcdn.edge.purge..")
            .layer("state")
            .definedBy("com.kingcdn.edge.store..", "com.kingcdn.edge.distribution..", "com.kingcdn.edge.probe..")
            .layer("rules")
            .definedBy(
                    "com.kingcdn.edge.policy..",
                    "com.kingcdn.edge.coding..",
                    "com.kingcdn.edge.upstream..",
                    "com.kingcdn.edge.limits..",
                    "com.kingcdn.edge.signing..",
                    "com.kingcdn.edge.tls..",
                    "com.kingcdn.edge.transport..")
            .whereLayer("root")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("ports")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("work")
            .mayOnlyBeAccessedByLayers("root", "ports")
            .whereLayer("state")
            .mayOnlyBeAccessedByLayers("root", "ports", "work")
            .whereLayer("rules")
            .mayOnlyBeAccessedByLayers("root", "ports", "work", "state");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("com.kingcdn.edge.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CACHE_ALONE_KNOWS_STORE_AND_UPSTREAM = noClasses()
            .that()
            .resideInAnyPackage("com.kingcdn.edge.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.kingcdn.edge.upstream..");

    @ArchTest
    static final ArchRule POLICY_IS_PURE = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.edge.policy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "reactor..", "java.nio.channels..", "java.nio.file..")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime");

    @ArchTest
    static final ArchRule THE_PLANNER_IS_PURE = noClasses()
            .that()
            .haveSimpleName("UpstreamPlanner")
            .or()
            .haveSimpleName("EndpointHealth")
            .or()
            .haveSimpleName("ForwardedFields")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reactor.netty..", "io.netty.channel..")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime");

    /** Exchanges with origins are our own, from the channel up. */
    @ArchTest
    static final ArchRule UPSTREAM_IS_PLAIN_NETTY = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.edge.upstream..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reactor.netty..", "io.netty.handler.codec..");

    @ArchTest
    static final ArchRule SPRING_STAYS_OUT_OF_THE_DATA_PATH = noClasses()
            .that()
            .resideInAnyPackage("com.kingcdn.edge.policy..", "com.kingcdn.edge.cache..", "com.kingcdn.edge.web..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.springframework.web..", "org.springframework.http..", "org.springframework.context..");

    @ArchTest
    static final ArchRule THE_CONTENT_SERVER_IS_OUR_OWN = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.edge.web..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("reactor.netty..");

    @ArchTest
    static final ArchRule METRICS_ARE_SIMPLECLIENT = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.edge..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    @ArchTest
    static final ArchRule NAMES_SAY_SOMETHING = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.edge..")
            .should()
            .haveNameMatching(".*(Util|Utils|Helper|Manager|Common|Base)");

    @ArchTest
    static final ArchRule CLASSES_ARE_FINAL_OR_MADE_FOR_MORE = classes()
            .that()
            .resideInAPackage("com.kingcdn.edge..")
            .and()
            .areNotInterfaces()
            .and(DescribedPredicate.not(
                    DescribedPredicate.describe("abstract or extended", ArchitectureTest::isExtended)))
            .and()
            .areNotAnnotatedWith("org.springframework.boot.autoconfigure.SpringBootApplication")
            .and()
            .areNotAnnotatedWith("org.springframework.context.annotation.Configuration")
            .and()
            .areNotAnonymousClasses()
            .and()
            .areNotEnums()
            .should()
            .haveModifier(JavaModifier.FINAL);

    private static boolean isExtended(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.ABSTRACT)
                || !type.getSubclasses().isEmpty();
    }
}
