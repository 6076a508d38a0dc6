package dev.roomcast;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.util.AbstractCollection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Data flows one way, so imports do. */
class ArchitectureTest {

    private static final String ROOT = "dev.roomcast";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .importLocations(List.of(Location.of(
                    Rooms.class.getProtectionDomain().getCodeSource().getLocation())));

    @Test
    void lower_packages_do_not_know_the_upper_ones() {
        mayUse("message");
        mayUse("transport");
        mayUse("log");
        mayUse("time", "log");
        mayUse("guard", "message", "transport", "log");
        mayUse("bridge", "message", "time", "log");
    }

    /** A new package takes its place in the order above first. */
    @Test
    void there_are_no_other_packages() {
        classes()
                .should()
                .resideInAnyPackage(
                        ROOT,
                        ROOT + ".message",
                        ROOT + ".transport",
                        ROOT + ".time",
                        ROOT + ".log",
                        ROOT + ".guard",
                        ROOT + ".bridge")
                .check(MAIN);
    }

    @Test
    void packages_have_no_cycles() {
        slices().matching("dev.roomcast.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void no_socket_and_no_container_is_known_here() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "jakarta..", "java.net..", "javax.net..", "java.nio.channels..", "io..", "org.glassfish..")
                .check(MAIN);
    }

    @Test
    void jackson_stays_where_json_is_read_and_written() {
        noClasses()
                .that()
                .haveNameNotMatching(
                        "dev\\.roomcast\\.(message\\.Json\\w*|guard\\.\\w*Json\\w*|FrameDecoder|FrameWriter)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml..")
                .check(MAIN);
        noClasses()
                .that()
                .arePublic()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml..")
                .check(MAIN);
    }

    @Test
    void names_name_an_idea() {
        noClasses()
                .should()
                .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)$")
                .check(MAIN);
    }

    @Test
    void nothing_sleeps_and_nothing_static_changes() {
        noClasses()
                .should()
                .callMethodWhere(target(name("sleep")).and(target(owner(assignableTo(Thread.class)))))
                .orShould()
                .callMethodWhere(target(name("sleep")).and(target(owner(assignableTo(TimeUnit.class)))))
                .check(MAIN);
        fields().that().areStatic().should().beFinal().check(MAIN);
    }

    /** Two hubs in one process share nothing that changes, but the count that tells their threads' names apart. */
    @Test
    void nothing_that_can_change_is_static_but_the_count_of_hubs() {
        List<String> suspects = MAIN.stream()
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getModifiers().contains(JavaModifier.STATIC) && canChange(field.getRawType()))
                .map(JavaField::getFullName)
                .sorted()
                .toList();
        // The second is a stage that is complete, the third holds nothing, the fourth is a map that cannot be changed.
        assertEquals(
                List.of(
                        "dev.roomcast.Hub.COUNT",
                        "dev.roomcast.Permissions.YES",
                        "dev.roomcast.RoomBatch.HOLDERS",
                        "dev.roomcast.transport.Fields.COMMON"),
                suspects);
    }

    private static boolean canChange(JavaClass type) {
        return type.getPackageName().startsWith("java.util.concurrent")
                || Stream.of(ThreadLocal.class, Map.class, Queue.class, AbstractCollection.class)
                        .anyMatch(type::isAssignableTo);
    }

    /** A public type is a promise; a new one is a decision, to be taken here. */
    @Test
    void what_a_host_names_is_what_is_public() {
        assertEquals(
                List.of(
                        "CloseCode",
                        "Connection",
                        "ErrorCode",
                        "Heartbeat",
                        "Limit",
                        "MessageHandler",
                        "Observer",
                        "Overflow",
                        "Room",
                        "RoomListener",
                        "Rooms",
                        "RoomsBuilder",
                        "Stats",
                        "Status",
                        "User"),
                publicTypes()
                        .filter(type -> type.getPackageName().equals(ROOT))
                        .map(JavaClass::getSimpleName)
                        .sorted()
                        .toList());
        List<String> all = publicTypes().map(JavaClass::getName).sorted().toList();
        // Across instances: User, and what a bridge owes for it, Directory and Signal; LocalOrder, for one whose
        // backend is away.
        assertTrue(all.size() <= 47, all.size() + " public types: " + all);
    }

    /** Those of {@code log} are for the modules of the project: the package is exported to nobody else. */
    private static Stream<JavaClass> publicTypes() {
        return MAIN.stream()
                .filter(type -> !type.getPackageName().equals(ROOT + ".log"))
                .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC));
    }

    private static void mayUse(String lower, String... others) {
        List<String> forbidden = List.of("message", "transport", "time", "guard", "bridge").stream()
                .filter(name -> !name.equals(lower) && !List.of(others).contains(name))
                .map(name -> ROOT + "." + name)
                .toList();
        String[] packages = Stream.concat(forbidden.stream(), Stream.of(ROOT)).toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + lower)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(MAIN);
    }
}
